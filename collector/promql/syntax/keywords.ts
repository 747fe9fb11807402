/** Words that cannot be the name of a metric, in small letters; others that are keywords elsewhere can. */
export const keywords: ReadonlySet<string> = new Set([
  'atan2',
  'bool',
  'group_left',
  'group_right',
  'ignoring',
  'on',
])
