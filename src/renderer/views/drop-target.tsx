import { Download } from 'lucide-react';
import { useState, type DragEvent, type ReactNode } from 'react';
import { useSession } from '../state/session.ts';
import styles from './drop-target.module.css';

/** The whole window takes files and folders. */
export function DropTarget({ children }: { readonly children: ReactNode }) {
  const [over, setOver] = useState(false);
  const open = useSession((state) => state.open);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const paths = window.snatscope.pathsOf([...event.dataTransfer.files]);
    if (paths.length > 0) void open(paths);
  };
  return (
    <div
      className={styles.window}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(event.dataTransfer.types.includes('Files'));
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) setOver(false);
      }}
      onDrop={drop}
    >
      {children}
      {over ? (
        <div className={styles.veil}>
          <Download size={28} />
          <p>Drop captures, dumps or a folder of them</p>
        </div>
      ) : null}
    </div>
  );
}
