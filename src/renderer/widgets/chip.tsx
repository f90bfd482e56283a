// An address as the whole window shows it: its hue is its identity, what changed since the previous point is bold and
// underlined, and a mark tells private from public.
import { addressRange, RANGE_NAME } from '../text/address-range.ts';
import { joined, type Changed, type Endpoint } from '../text/endpoint.ts';
import { addressCut } from '../text/format.ts';
import { useSession } from '../state/session.ts';
import { RangeMark } from './range-mark.tsx';
import styles from './chip.module.css';

interface ChipProps {
  readonly endpoint: Endpoint;
  readonly changed: Changed;
  /** The destination has no hue of its own. */
  readonly server?: boolean;
  /** Address above port, the address cut where it has more characters than these. */
  readonly stacked?: number | undefined;
  /** Smaller, and without the mark of the range. */
  readonly tight?: boolean;
}

export function Chip({ endpoint, changed, server = false, stacked, tight = false }: ChipProps) {
  const hue = useSession((state) => state.identities.hueOf(endpoint.address));
  const range = addressRange(endpoint.address);
  const whole = joined(endpoint);
  const what = changed.address
    ? changed.port
      ? 'address and port changed'
      : 'address changed'
    : changed.port
      ? 'port changed'
      : '';
  const brackets = stacked === undefined && endpoint.address.includes(':') && endpoint.port.startsWith(':');
  const address = stacked === undefined ? endpoint.address : addressCut(endpoint.address, stacked);
  return (
    <span
      className={`${styles.chip} ${stacked === undefined ? '' : styles.stacked} ${tight ? styles.tight : ''}`}
      data-tone={server ? 'server' : (hue ?? 'other1')}
      title={[whole, RANGE_NAME[range], what].filter((part) => part !== '').join(' · ')}
    >
      {tight ? null : <RangeMark range={range} />}
      <span className={changed.address ? styles.changed : undefined}>{brackets ? `[${address}]` : address}</span>
      {endpoint.port === '' ? null : (
        <span className={changed.port ? styles.changed : undefined}>
          {stacked === undefined ? endpoint.port : endpoint.port.trim()}
        </span>
      )}
    </span>
  );
}
