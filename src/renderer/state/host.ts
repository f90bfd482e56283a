// The window's one way to the session: `window.snatscope`, and the events that come from it.
import type { SnatscopeBridge } from '../../shared/contract.ts';
import { useSession } from './session.ts';
import { useView } from './view.ts';

declare global {
  interface Window {
    readonly snatscope: SnatscopeBridge;
  }
}

/** Asks what is open already, what can be opened, and follows what the main process tells. */
export function listenToHost(): void {
  const session = useSession.getState();
  window.snatscope.on('progress', session.progressed);
  window.snatscope.on('session', session.replaced);
  window.snatscope.on('command', (command) => {
    const view = useView.getState();
    if (command === 'keys') view.showKeys(true);
    else if (command === 'focus-filter') focusFilter();
    else session.showStart();
  });
  void session.start();
}

export function focusFilter(): void {
  document.querySelector<HTMLInputElement>('[data-testid="filter"]')?.focus();
}
