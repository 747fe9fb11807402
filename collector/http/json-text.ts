/** Texts that were quoted before: names and values of labels are the same ones again and again. */
const quoted = new Map<string, string>()
const mostTexts = 8192
const longestText = 128

/** A text as a JSON string. */
export function jsonText(text: string): string {
  const known = quoted.get(text)
  if (known !== undefined) return known
  const fresh = JSON.stringify(text)
  if (text.length > longestText) return fresh
  if (quoted.size === mostTexts) quoted.clear()
  quoted.set(text, fresh)
  return fresh
}
