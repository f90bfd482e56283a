import type { ReactNode } from 'react';
import styles from './badge.module.css';

export type BadgeLook = 'neutral' | 'good' | 'warn' | 'bad' | 'accent';

interface BadgeProps {
  readonly look?: BadgeLook;
  readonly icon?: ReactNode;
  readonly title?: string;
  readonly children: ReactNode;
}

/** A word or number with a ground of its own; the word says what the colour only stresses. */
export function Badge({ look = 'neutral', icon, title, children }: BadgeProps) {
  return (
    <span className={`${styles.badge} ${styles[look]}`} title={title}>
      {icon}
      {children}
    </span>
  );
}
