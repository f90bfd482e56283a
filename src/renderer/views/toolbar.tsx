import { ChevronDown, Contrast, FolderOpen, Keyboard, Moon, Search, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useJourneys } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { useView, type Theme } from '../state/view.ts';
import { counted } from '../text/format.ts';
import { Button } from '../widgets/button.tsx';
import { Menu } from '../widgets/menu.tsx';
import { Emblem } from './emblem.tsx';
import styles from './toolbar.module.css';

export function Toolbar() {
  const summary = useSession((state) => state.summary);
  const samples = useSession((state) => state.samples);
  const recent = useSession((state) => state.recent);
  const { open, openDialog, openSample, showStart, exportReport } = useSession.getState();
  if (summary === null) return null;
  const { title, points, journeys, paths } = summary;
  return (
    <header className={styles.bar}>
      <button type="button" className={styles.brand} onClick={showStart} title={`${title} — to the first screen`}>
        <Emblem size={22} />
        <strong>{title}</strong>
      </button>
      <Button icon={<FolderOpen size={15} />} onClick={() => void openDialog()} title="Open captures (Ctrl+O)">
        Open…
      </Button>
      <Menu
        items={samples.map(({ name, title: label, summary: note }) => ({
          key: name,
          label,
          note,
          onSelect: () => void openSample(name),
        }))}
      >
        <Button>
          Samples
          <ChevronDown size={13} />
        </Button>
      </Menu>
      {recent.length === 0 ? null : (
        <Menu
          items={recent.map((entry) => ({
            key: entry.paths.join('\n'),
            label: entry.title,
            note: new Date(entry.openedAt).toLocaleString(),
            onSelect: () => void open(entry.paths),
          }))}
        >
          <Button className={styles.roomy}>
            Recent
            <ChevronDown size={13} />
          </Button>
        </Menu>
      )}
      <Filter />
      <p className={styles.counts}>
        {[counted(points.length, 'point'), counted(journeys, 'journey'), counted(paths.length, 'path')].join(' · ')}
      </p>
      <Menu
        items={[
          {
            key: 'text',
            label: 'Report as text…',
            note: 'fit to paste into an incident channel',
            onSelect: () => void exportReport('text'),
          },
          { key: 'json', label: 'Report as JSON…', note: 'for scripts', onSelect: () => void exportReport('json') },
        ]}
      >
        <Button className={styles.roomy}>
          Export
          <ChevronDown size={13} />
        </Button>
      </Menu>
      <ThemeButton />
      <Button
        look="quiet"
        icon={<Keyboard size={16} />}
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => {
          useView.getState().showKeys(true);
        }}
      />
    </header>
  );
}

const FILTER_DELAY = 180;

function Filter() {
  const applied = useJourneys((state) => state.text);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? applied;
  useEffect(() => {
    if (typed === null) return undefined;
    const timer = setTimeout(() => {
      useJourneys.getState().filter(typed);
      setTyped(null);
    }, FILTER_DELAY);
    return () => {
      clearTimeout(timer);
    };
  }, [typed]);
  return (
    <label className={styles.filter}>
      <Search size={14} aria-hidden="true" />
      <input
        data-testid="filter"
        type="search"
        spellCheck={false}
        aria-label="Filter the journeys"
        placeholder="filter: address, port, tcp, snat, ambiguous…"
        value={text}
        onChange={(event) => {
          setTyped(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setTyped('');
            event.currentTarget.blur();
          } else if (event.key === 'ArrowDown' || event.key === 'Enter')
            document.querySelector<HTMLElement>('[data-testid="journeys"]')?.focus();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

const NEXT_THEME: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_ICON: Record<Theme, React.ReactNode> = {
  system: <Contrast size={16} />,
  light: <Sun size={16} />,
  dark: <Moon size={16} />,
};

function ThemeButton() {
  const theme = useView((state) => state.theme);
  const setTheme = useView((state) => state.setTheme);
  return (
    <Button
      look="quiet"
      icon={THEME_ICON[theme]}
      aria-label={`Theme: ${theme}`}
      title={`Theme: ${theme}`}
      onClick={() => {
        setTheme(NEXT_THEME[theme]);
      }}
    />
  );
}
