import * as Radix from '@radix-ui/react-dropdown-menu';
import type { ReactElement, ReactNode } from 'react';
import styles from './menu.module.css';

interface MenuItem {
  readonly key: string;
  readonly label: ReactNode;
  readonly note?: string;
  readonly onSelect: () => void;
}

interface MenuProps {
  readonly items: readonly MenuItem[];
  /** The button that opens it. */
  readonly children: ReactElement;
}

export function Menu({ items, children }: MenuProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.menu} sideOffset={5} align="start" collisionPadding={8}>
          {items.map((item) => (
            <Radix.Item key={item.key} className={styles.item} onSelect={item.onSelect}>
              <span>{item.label}</span>
              {item.note === undefined ? null : <span className={styles.note}>{item.note}</span>}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
