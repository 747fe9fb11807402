type Facts = Readonly<Record<string, string>>

/** What was is marked by -, what is by +; a column that has only another name is told as renamed. */
export function factLines(before: Facts, after: Facts): readonly string[] {
  const renamed = new Map(
    Object.entries(before).flatMap(([name, text]) => {
      if (after[name] !== undefined || !name.startsWith('column ')) return []
      // The text begins with the number of the column, which stays.
      const now = Object.keys(after).find(
        (other) => other.startsWith('column ') && before[other] === undefined && after[other] === text,
      )
      return now === undefined ? [] : [[name, now] as const]
    }),
  )
  const news = new Set(renamed.values())
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap((name) => {
    const now = renamed.get(name)
    if (now !== undefined) return [`  ${name} renamed to ${now.replace('column ', '')}`]
    if (news.has(name)) return []
    const was = before[name]
    const is = after[name]
    return [
      ...(was === undefined ? [] : marked('-', name, was)),
      ...(is === undefined ? [] : marked('+', name, is)),
    ]
  })
}

function marked(mark: string, name: string, text: string): readonly string[] {
  const [first = '', ...more] = text.trim().split('\n')
  return [`${mark} ${name}: ${first}`, ...more.map((line) => `${mark}   ${line}`)]
}
