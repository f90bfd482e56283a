/** The program's mark: a line that leaves a box with another hue than it came in. */
export function Emblem({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent-ground)" />
      <path d="M4 12H12" stroke="var(--pod-line)" strokeWidth="3" strokeLinecap="round" />
      <path d="M20 12H27" stroke="var(--nat-line)" strokeWidth="3" strokeLinecap="round" />
      <path d="M5 21H12" stroke="var(--pod-line)" strokeWidth="3" strokeLinecap="round" opacity=".65" />
      <path d="M20 21H28" stroke="var(--nat-line)" strokeWidth="3" strokeLinecap="round" opacity=".65" />
      <rect
        x="12.5"
        y="6"
        width="7"
        height="20"
        rx="2.5"
        fill="var(--surface)"
        stroke="var(--accent)"
        strokeWidth="2"
      />
    </svg>
  );
}
