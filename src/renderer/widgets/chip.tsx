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
  /** Address above port. */
  readonly stacked?: boolean;
  /** The address is cut where it has more characters than these; on one line, its port counts too. */
  readonly characters?: number;
  /** Smaller, and without the mark of the range. */
  readonly tight?: boolean;
}

export function Chip({
  endpoint,
  changed,
  server = false,
  stacked = false,
  characters = Infinity,
  tight = false,
}: ChipProps) {
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
  const brackets = !stacked && endpoint.address.includes(':') && endpoint.port.startsWith(':');
  const besides = stacked ? 0 : endpoint.port.length + (brackets ? 2 : 0);
  const address = addressCut(endpoint.address, Math.max(4, characters - besides));
  return (
    <span
      className={`${styles.chip} ${stacked ? styles.stacked : ''} ${tight ? styles.tight : ''}`}
      data-tone={server ? 'server' : (hue ?? 'other1')}
      title={[whole, RANGE_NAME[range], what].filter((part) => part !== '').join(' · ')}
    >
      {tight ? null : <RangeMark range={range} />}
      <span className={changed.address ? styles.changed : undefined}>{brackets ? `[${address}]` : address}</span>
      {endpoint.port === '' ? null : (
        <span className={changed.port ? styles.changed : undefined}>
          {stacked ? endpoint.port.trim() : endpoint.port}
        </span>
      )}
    </span>
  );
}
