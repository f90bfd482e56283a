import { Fragment } from 'react';

interface BreakableProps {
  readonly text: string;
  /** In a narrow column: IPv4 addresses may break after a dot too. */
  readonly narrow?: boolean;
}

/** After a colon between two others, or between a group and the last: never before a port. */
const COLONS = /(?<=:[^.\s:\]]*:)|(?<=:)(?=[^.\s\]]*:)/;
const COLONS_AND_DOTS = new RegExp(`${COLONS.source}|(?<=\\.)`);

/** Text whose long addresses may break between their groups; what is copied stays as it is. */
export function Breakable({ text, narrow = false }: BreakableProps) {
  return text.split(narrow ? COLONS_AND_DOTS : COLONS).map((part, i) => (
    <Fragment key={i}>
      {i === 0 ? null : <wbr />}
      {part}
    </Fragment>
  ));
}
