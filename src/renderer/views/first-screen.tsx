import { ArrowLeft, FolderOpen } from 'lucide-react';
import type { RecentEntry, SampleCard } from '../../shared/contract.ts';
import { useSession } from '../state/session.ts';
import { Button } from '../widgets/button.tsx';
import { Emblem } from './emblem.tsx';
import { PathMotif } from './path-motif.tsx';
import styles from './first-screen.module.css';

/** The two things to do: open captures, or open a sample. */
export function FirstScreen() {
  const samples = useSession((state) => state.samples);
  const recent = useSession((state) => state.recent);
  const open = useSession((state) => state.openDialog);
  const returns = useSession((state) => state.summary !== null);
  const leave = useSession((state) => state.leaveStart);
  return (
    <main className={styles.screen} data-testid="first-screen">
      <div className={styles.page}>
        {returns ? (
          <Button look="quiet" className={styles.back} icon={<ArrowLeft size={15} />} onClick={leave}>
            Back to the open captures
          </Button>
        ) : null}
        <section className={styles.hero}>
          <div className={styles.pitch}>
            <h1>
              <Emblem size={34} />
              Snatscope
            </h1>
            <p className={styles.lead}>Where and how did this packet&rsquo;s source address change?</p>
            <p className={styles.explain}>
              Open captures of one path, taken at the pod&rsquo;s veth, the node&rsquo;s eth0 and the NAT side.
              Snatscope finds the same connection in each and follows it, packet by packet, on the way out and back.
            </p>
            <div className={styles.actions}>
              <Button
                look="primary"
                icon={<FolderOpen size={16} />}
                onClick={() => void open()}
                data-testid="open-captures"
              >
                Open captures…
              </Button>
              <span className={styles.hint}>
                or drop files here: pcap, pcapng, <code>conntrack -L</code>, <code>iptables-save</code>
              </span>
            </div>
          </div>
          <PathMotif />
        </section>
        <section aria-labelledby="samples-title">
          <h2 id="samples-title">Samples, recorded from a real kernel</h2>
          <ul className={styles.cards}>
            {samples.map((sample) => (
              <li key={sample.name}>
                <Card sample={sample} />
              </li>
            ))}
          </ul>
        </section>
        {recent.length === 0 ? null : (
          <section aria-labelledby="recent-title">
            <h2 id="recent-title">Recent</h2>
            <ul className={styles.recent}>
              {recent.map((entry) => (
                <li key={entry.paths.join('\n')}>
                  <Recent entry={entry} />
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
      <footer className={styles.foot}>Captures are read on this machine. Nothing leaves it.</footer>
    </main>
  );
}

function Card({ sample }: { readonly sample: SampleCard }) {
  const openSample = useSession((state) => state.openSample);
  return (
    <button
      type="button"
      className={styles.card}
      data-testid={`sample-card-${sample.name}`}
      onClick={() => void openSample(sample.name)}
    >
      <strong>{sample.title}</strong>
      <span className={styles.summary}>{sample.summary}</span>
      {sample.question === '' ? null : <span className={styles.question}>{sample.question}</span>}
    </button>
  );
}

function Recent({ entry }: { readonly entry: RecentEntry }) {
  const open = useSession((state) => state.open);
  return (
    <button
      type="button"
      className={styles.entry}
      title={entry.paths.join('\n')}
      onClick={() => void open(entry.paths)}
    >
      <span>{entry.title}</span>
      <time dateTime={entry.openedAt}>{new Date(entry.openedAt).toLocaleString()}</time>
    </button>
  );
}
