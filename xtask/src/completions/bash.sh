
_tenfold() {
    local current=$2 before=$3 command= word
    if [[ $COMP_CWORD -lt 2 || ${COMP_WORDS[1]} != xtask ]]; then
        [[ -n $_tenfold_before ]] && "$_tenfold_before" "$@"
        [[ $COMP_CWORD -eq 1 && xtask == "$current"* ]] && COMPREPLY+=(xtask)
        return
    fi
    [[ $COMP_CWORD -gt 2 ]] && command=${COMP_WORDS[2]}
    # What stands behind `--` is another program's.
    for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
        [[ $word == -- ]] && return
    done
    COMPREPLY=($(compgen -W "$(_tenfold_words "$command" "$before")" -- "$current"))
}

# What completes the other words of cargo.
if [[ $(complete -p cargo 2> /dev/null) =~ -F\ ([^ ]+) && ${BASH_REMATCH[1]} != _tenfold ]]; then
    _tenfold_before=${BASH_REMATCH[1]}
fi
complete -o default -F _tenfold cargo
