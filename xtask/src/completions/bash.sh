
_tenfold() {
    local current=$2 before=$3 command= word words
    if [[ $COMP_CWORD -lt 2 || ${COMP_WORDS[1]} != xtask ]]; then
        _tenfold_other "$@"
        [[ $COMP_CWORD -eq 1 && xtask == "$current"* ]] && COMPREPLY+=(xtask)
        return
    fi
    [[ $COMP_CWORD -gt 2 ]] && command=${COMP_WORDS[2]}
    # What stands behind `--` is another program's, and behind `=` a file.
    for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
        [[ $word == -- || $before == '=' ]] && return
    done
    words=$(_tenfold_words "$command" "$before") || compopt +o default 2> /dev/null
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}

# Completes the other words of cargo, by what did it before.
_tenfold_other() {
    local load
    # bash-completion loads a command's when it is first asked for, and is not asked for one that has some.
    if [[ -z $_tenfold_before && -z $_tenfold_asked ]]; then
        _tenfold_asked=yes
        for load in _comp_load __load_completion; do
            declare -F "$load" > /dev/null && "$load" cargo &> /dev/null && break
        done
        _tenfold_register
    fi
    [[ -n $_tenfold_before ]] || return
    [[ -n $_tenfold_options ]] && compopt $_tenfold_options 2> /dev/null
    "$_tenfold_before" "$@"
}

_tenfold_register() {
    local there
    there=$(complete -p cargo 2> /dev/null)
    if [[ $there =~ ^complete((\ -o\ [a-z]+)*)\ .*-F\ ([^ ]+) && ${BASH_REMATCH[3]} != _tenfold ]]; then
        _tenfold_options=${BASH_REMATCH[1]}
        _tenfold_before=${BASH_REMATCH[3]}
    fi
    complete -o default -F _tenfold cargo
}

_tenfold_register
