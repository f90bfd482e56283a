import { useEffect } from 'react';
import { useView } from './view.ts';

/** Keeps `data-theme` of the document at the chosen theme, or at the system's. */
export function useTheme(): void {
  const theme = useView((state) => state.theme);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = (): void => {
      document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
    };
    apply();
    dark.addEventListener('change', apply);
    return () => {
      dark.removeEventListener('change', apply);
    };
  }, [theme]);
}
