import { ChevronDown, ChevronsDownUp, ChevronsUpDown, Copy } from 'lucide-react';
import type { JourneyGrouping } from '../../shared/contract.ts';
import { copyMarked } from '../state/copying.ts';
import { useJourneys } from '../state/journeys.ts';
import { countRows } from '../state/row-ranges.ts';
import { useSession } from '../state/session.ts';
import { count } from '../text/format.ts';
import { Button } from '../widgets/button.tsx';
import { Menu } from '../widgets/menu.tsx';
import { Select } from '../widgets/select.tsx';
import styles from './journeys-view.module.css';

const GROUPINGS: readonly (readonly [JourneyGrouping | 'none', string])[] = [
  ['none', 'no groups'],
  ['pod', 'by pod'],
  ['destination', 'by destination'],
  ['public', 'by outermost source'],
  ['translation', 'by translation'],
];

/** Above the table: how it is grouped, what is marked, and what can be done with it. */
export function JourneysTools() {
  const grouping = useJourneys((state) => state.grouping);
  const marks = useJourneys((state) => state.marks);
  const selected = useJourneys((state) => state.selected);
  const busy = useJourneys((state) => state.busy);
  const marked = countRows(marks);
  return (
    <header className={styles.tools}>
      <Select
        label="Groups"
        value={grouping ?? 'none'}
        options={GROUPINGS}
        onChange={(by) => {
          useJourneys.getState().groupBy(by === 'none' ? null : by);
        }}
      />
      {grouping === null ? null : <FoldAll />}
      <span className={styles.state} role="status">
        {busy ? 'sorting…' : marked > 1 ? `${count(marked)} rows marked` : ''}
      </span>
      <CopyMenu disabled={marked === 0 && selected === null} />
    </header>
  );
}

function FoldAll() {
  const { fold } = useJourneys.getState();
  return (
    <>
      <Button
        look="quiet"
        icon={<ChevronsDownUp size={15} />}
        aria-label="Fold all groups"
        title="Fold all groups"
        onClick={() => {
          fold(true);
        }}
      />
      <Button
        look="quiet"
        icon={<ChevronsUpDown size={15} />}
        aria-label="Unfold all groups"
        title="Unfold all groups"
        onClick={() => {
          fold(false);
        }}
      />
    </>
  );
}

const TOOLS = [
  ['wireshark', 'Wireshark filter at'],
  ['tcpdump', 'tcpdump filter at'],
] as const;

function CopyMenu({ disabled }: { readonly disabled: boolean }) {
  const points = useSession((state) => state.points);
  const items = [
    {
      key: 'conntrack',
      label: 'Conntrack lines',
      note: 'as conntrack -L writes them, a line a box',
      form: 'conntrack' as const,
    },
    { key: 'csv', label: 'CSV', note: 'the source at each point, for a spreadsheet', form: 'csv' as const },
    ...TOOLS.flatMap(([tool, heading]) =>
      points.map(({ id, name }, i) => ({
        key: `${tool} ${id}`,
        label: name,
        form: { tool, point: id },
        ...(i === 0 ? { heading } : {}),
      })),
    ),
  ];
  return (
    <Menu items={items.map(({ form, ...item }) => ({ ...item, onSelect: () => void copyMarked(form) }))}>
      <Button disabled={disabled} icon={<Copy size={13} />} title="Copy the marked journeys (Ctrl+C: as CSV)">
        Copy
        <ChevronDown size={13} />
      </Button>
    </Menu>
  );
}
