/** Words that a journey's text must all hold, as a filter. */
export function filterOfWords(text: string): string {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.map((word) => `text contains "${word.replace(/[\\"]/g, '\\$&')}"`).join(' && ');
}
