// Copies the marked journeys, a window of rows after the other: marks may reach over rows that the window does not hold.
import type { Journey } from '../../shared/contract.ts';
import { counted } from '../text/format.ts';
import { copiedText, type CopyForm } from '../text/journey-copies.ts';
import { isJourney, journeyQuery, rowsOf, useJourneys } from './journeys.ts';
import { useSession } from './session.ts';
import { useView } from './view.ts';

/** Journeys that are copied at once at most; for more there are exports. */
const MOST_COPIED = 10_000;
const PAGE = 500;

export async function copyMarked(form: CopyForm): Promise<void> {
  const { notify } = useView.getState();
  try {
    const journeys = await markedJourneys(MOST_COPIED + 1);
    const copied = journeys.slice(0, MOST_COPIED);
    const text = copiedText(copied, form, useSession.getState().points);
    if (text === '') {
      notify(
        form === 'conntrack' ? 'Nothing was translated there: no conntrack line to copy' : 'Not seen at that point',
      );
      return;
    }
    await window.snatscope.request('copyText', text);
    const cut = journeys.length > MOST_COPIED ? 'the first ' : '';
    notify(`Copied ${cut}${counted(copied.length, 'journey')} ${WORDS(form)}`);
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error));
  }
}

const WORDS = (form: CopyForm): string =>
  form === 'conntrack'
    ? 'as conntrack lines'
    : form === 'csv'
      ? 'as CSV'
      : `as a ${form.tool === 'wireshark' ? 'Wireshark' : 'tcpdump'} filter`;

/** The marked journeys in the order of the table; where none is marked, the selected one. */
async function markedJourneys(most: number): Promise<Journey[]> {
  const { marks, selected } = useJourneys.getState();
  if (marks.length === 0) return selected === null ? [] : [selected];
  const query = journeyQuery();
  const journeys: Journey[] = [];
  for (const [first, last] of marks) {
    for (let offset = first; offset <= last && journeys.length < most; offset += PAGE) {
      const page = await window.snatscope.request('journeys', {
        ...query,
        offset,
        limit: Math.min(PAGE, last - offset + 1),
      });
      journeys.push(...rowsOf(page).filter(isJourney));
    }
  }
  return journeys.slice(0, most);
}
