/** What Patroni said on one line, without the tags of its server's error pages, and no longer than `length`. */
export function plainAnswer(text: string, length: number): string {
  return text
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .trim()
    .slice(0, length)
}
