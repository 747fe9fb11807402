/** The last part of a name that the server has quoted, as texts of statements have it: `Odd "name"` of `public."Odd ""name"""`. */
export function tableNameOf(sql: string): string {
  const [, quoted, plain] = /(?:"((?:[^"]|"")+)"|([^".]+))$/.exec(sql) ?? []
  return quoted?.replaceAll('""', '"') ?? plain ?? sql
}
