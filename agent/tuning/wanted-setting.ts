/** What a setting of a server is to be, and how that is judged. Values are in pg_settings' own unit and spelling. */
export interface WantedSetting {
  readonly name: string
  readonly value: string
  /** Whether a value that is there is as good. */
  isMetBy(value: string): boolean
  /** Whether a value that is there is somebody's purpose, which only ends when that is asked for. */
  isForeign?(value: string): boolean
  /** What the server shows in place of the value while another setting makes it meaningless, such as `(disabled)`. */
  readonly shownAs?: string
}
