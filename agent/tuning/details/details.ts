/** What was asked at the moment of an advice; what is missing could not be told. Each group of rules adds what it needs. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by the groups of rules
export interface Details {}
