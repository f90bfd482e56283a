import * as Radix from '@radix-ui/react-dropdown-menu';
import { Fragment, type ReactElement, type ReactNode } from 'react';
import styles from './menu.module.css';

interface MenuItem {
  readonly key: string;
  readonly label: ReactNode;
  readonly note?: string;
  /** Begins a part of the menu with this head. */
  readonly heading?: string;
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
            <Fragment key={item.key}>
              {item.heading === undefined ? null : <Radix.Label className={styles.heading}>{item.heading}</Radix.Label>}
              <Radix.Item className={styles.item} onSelect={item.onSelect}>
                <span>{item.label}</span>
                {item.note === undefined ? null : <span className={styles.note}>{item.note}</span>}
              </Radix.Item>
            </Fragment>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
