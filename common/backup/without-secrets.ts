/** The value of an option, a variable or a header that is a secret by its name: up to a quote, or a blank. */
const named =
  /([\w-]*(?:pass|secret|token|credential|authorization|key)[\w-]*['"]?\s*(?:=|:)\s*)(?:(?:bearer|basic)\s+)?('[^']*'?|"[^"]*"?|\S+)/gi

/** pgBackRest names a value that does not fit before the option that it stands for. */
const unfit = /'[^']*'( is not (?:valid|allowed) for '[\w-]*(?:pass|secret|token|key)[\w-]*')/gi

/** User and password of a URL. */
const inUrl = /(\/\/)[^/@\s]+@/g

/**
 * What a program says, without what looks like a password or a key: it goes to a log. pgBackRest itself hides secrets
 * in what it logs, but not one that it cannot read, nor does whatever stands before it on the command line.
 */
export function withoutSecrets(text: string): string {
  return text.replaceAll(unfit, "'***'$1").replaceAll(named, '$1***').replaceAll(inUrl, '$1***@')
}
