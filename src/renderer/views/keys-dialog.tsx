import * as Dialog from '@radix-ui/react-dialog';
import { X } from 'lucide-react';
import { KEYS } from '../state/shortcuts.ts';
import { useView } from '../state/view.ts';
import { Button } from '../widgets/button.tsx';
import styles from './keys-dialog.module.css';

export function KeysDialog() {
  const shown = useView((state) => state.keysShown);
  const show = useView((state) => state.showKeys);
  return (
    <Dialog.Root open={shown} onOpenChange={show}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.veil} />
        <Dialog.Content className={styles.dialog} aria-describedby={undefined}>
          <header className={styles.head}>
            <Dialog.Title className={styles.title}>Keys</Dialog.Title>
            <Dialog.Close asChild>
              <Button look="quiet" icon={<X size={16} />} aria-label="Close" />
            </Dialog.Close>
          </header>
          <dl className={styles.keys}>
            {KEYS.map(([keys, what]) => (
              <div key={keys}>
                <dt>{keys}</dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
