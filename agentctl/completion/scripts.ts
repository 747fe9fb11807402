const bash = [
  '_agentctl() {',
  '  local word="${COMP_WORDS[COMP_CWORD]}"',
  // bash takes it for a word of its own; what stands behind it is a value that only its author knows.
  '  [[ $word == = || ${COMP_WORDS[COMP_CWORD-1]} == = ]] && return',
  "  local IFS=$'\\n'",
  '  COMPREPLY=($("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))',
  '  COMPREPLY=("${COMPREPLY[@]%%$\'\\t\'*}")',
  '  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace',
  '}',
  'complete -F _agentctl agentctl',
]

const zsh = [
  '#compdef agentctl',
  '_agentctl() {',
  '  local line word',
  '  local -a candidates',
  '  for line in "${(@f)$("$words[1]" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do',
  "    word=${line%%$'\\t'*}",
  '    [[ -n $word ]] && candidates+=("${word//:/\\\\:}:${line#*$\'\\t\'}")',
  '  done',
  "  _describe 'agentctl' candidates",
  '}',
  'compdef _agentctl agentctl',
]

const fish = [
  'function __agentctl_complete',
  '    set -l words (commandline -opc) (commandline -ct)',
  '    $words[1] __complete -- $words[2..-1] 2>/dev/null',
  'end',
  "complete -c agentctl -f -a '(__agentctl_complete)'",
]

/** What a shell has to be told once, so that it asks `agentctl __complete` for the words that could stand next. */
export const completionScripts = {
  bash: bash.join('\n'),
  zsh: zsh.join('\n'),
  fish: fish.join('\n'),
} as const
