import styles from './select.module.css';

interface SelectProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly title?: string;
  readonly onChange: (value: Value) => void;
}

/** A choice of one of several, in the system's own list. */
export function Select<Value extends string>({ label, value, options, title, onChange }: SelectProps<Value>) {
  return (
    <select
      className={styles.select}
      aria-label={label}
      title={title}
      value={value}
      onChange={(event) => {
        onChange(event.target.value as Value);
      }}
    >
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
