import { RANGE_NAME, type AddressRange } from '../text/address-range.ts';

const SHAPES: Record<AddressRange, React.ReactNode> = {
  // A house, two houses sharing a wall, a globe, a globe in dots, a diamond.
  private: <path d="M1 5 5 1.4 9 5M2.2 4.2V8.8H7.8V4.2" />,
  shared: <path d="M.8 4.6 3 2.6 5 4.6 7 2.6 9.2 4.6M1.6 4V8.8H8.4V4M5 4.6V8.8" />,
  public: <path d="M5 1a4 4 0 1 0 .01 0M1 5H9M5 1C2.6 3.4 2.6 6.6 5 9 7.4 6.6 7.4 3.4 5 1" />,
  documentation: <path d="M5 1a4 4 0 1 0 .01 0M1 5H9M5 1C2.6 3.4 2.6 6.6 5 9 7.4 6.6 7.4 3.4 5 1" />,
  special: <path d="M5 1 9 5 5 9 1 5Z" />,
};

interface RangeMarkProps {
  readonly range: AddressRange;
  readonly x?: number;
  readonly y?: number;
}

/** The mark of an address's range, in the colour of the text around it. */
export function RangeMark({ range, x, y }: RangeMarkProps) {
  return (
    <svg x={x} y={y} width="10" height="10" viewBox="0 0 10 10" role="img" aria-label={RANGE_NAME[range]}>
      <g fill="none" stroke="currentColor" strokeWidth="1">
        {SHAPES[range]}
      </g>
    </svg>
  );
}
