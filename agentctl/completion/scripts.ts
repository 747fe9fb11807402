/** bash takes `=` and `:` for words of their own; what has no space before it is put together again, and taken off the answer. */
const bash = [
  '_agentctl() {',
  "  local rest=${COMP_LINE:0:COMP_POINT} head= i IFS=$'\\n'",
  '  local -a words=()',
  '  rest=${rest#*"${COMP_WORDS[0]}"}',
  '  for ((i = 1; i <= COMP_CWORD; i++)); do',
  '    local word=${COMP_WORDS[i]}',
  '    if [[ $rest == [[:space:]]* || ${#words[@]} == 0 ]]; then',
  '      rest=${rest#"${rest%%[![:space:]]*}"}',
  "      words+=('')",
  '    fi',
  '    [[ $i == "$COMP_CWORD" ]] && word=$rest',
  '    words[${#words[@]}-1]+=$word',
  '    rest=${rest#"$word"}',
  '  done',
  '  word=${words[${#words[@]}-1]}',
  '  for i in = :; do',
  '    [[ $COMP_WORDBREAKS == *"$i"* && ${word#"$head"} == *"$i"* ]] && head=${word%"${word##*"$i"}"}',
  '  done',
  '  COMPREPLY=($("${COMP_WORDS[0]}" __complete -- "${words[@]}" 2>/dev/null))',
  '  COMPREPLY=("${COMPREPLY[@]%%$\'\\t\'*}")',
  '  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace',
  '  COMPREPLY=("${COMPREPLY[@]#"$head"}")',
  '}',
  'complete -F _agentctl agentctl',
]

/** As a file in $fpath the first call only defines the function, so it has to be called once more. */
const zsh = [
  '#compdef agentctl',
  '_agentctl() {',
  '  local line word',
  '  local -a whole open',
  '  for line in "${(@f)$("$words[1]" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do',
  "    word=${line%%$'\\t'*}",
  "    line=${word//:/\\\\:}${${line#$word}/$'\\t'/:}",
  '    if [[ $word == *= ]]; then open+=("$line")',
  '    elif [[ -n $word ]]; then whole+=("$line")',
  '    fi',
  '  done',
  "  _describe 'agentctl' whole -- open -S ''",
  '}',
  'if [[ $funcstack[1] == _agentctl ]]; then _agentctl "$@"; else compdef _agentctl agentctl; fi',
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
