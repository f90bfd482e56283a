import { Fragment } from 'react';

/** Text whose addresses may break after their separators, nowhere else; what is copied stays as it is. */
export function Breakable({ text }: { readonly text: string }) {
  return text.split(/(?<=[:.\]])/).map((part, i) => (
    <Fragment key={i}>
      {i === 0 ? null : <wbr />}
      {part}
    </Fragment>
  ));
}
