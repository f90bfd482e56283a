import { Separator } from 'react-resizable-panels';
import styles from './splitter.module.css';

export function Splitter({ label }: { readonly label: string }) {
  return <Separator className={styles.splitter} aria-label={label} />;
}
