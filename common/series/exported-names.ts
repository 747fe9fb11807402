/**
 * The names under which the labels of a sample stand beside those of its source: one that the source has too gets
 * `exported_` in front, as often as it takes to be another than all the rest, as in a scrape of Prometheus
 * (`honor_labels: false`). A federated series may have `job` and `exported_job`, and keeps both.
 * @param names of the sample's labels, each once
 * @returns in the order of `names`
 */
export function exportedNames(
  names: readonly string[],
  source: Readonly<Record<string, string>>,
): readonly string[] {
  const taken = new Set([...Object.keys(source), ...names])
  return names.map((name) => {
    if (!Object.hasOwn(source, name)) return name
    let own = name
    while (taken.has(own)) own = `exported_${own}`
    taken.add(own)
    return own
  })
}
