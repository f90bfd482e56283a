// What the window remembers from one start to the next: sizes, forms, the theme. Values that are none of the known ones,
// from an older version or a broken store, are as if nothing was kept.

export function kept<Value extends string>(key: string, values: readonly Value[], otherwise: Value): Value {
  const value = localStorage.getItem(key);
  return values.find((known) => known === value) ?? otherwise;
}

export function keep(key: string, value: string): void {
  localStorage.setItem(key, value);
}
