
_tenfold() {
    local command= before=$words[CURRENT-1]
    local -a found
    if (( CURRENT < 3 )) || [[ $words[2] != xtask ]]; then
        (( CURRENT == 2 )) && compadd -- xtask
        (( $+functions[_cargo] )) && _cargo "$@"
        return
    fi
    (( CURRENT > 3 )) && command=$words[3]
    # What stands behind `--` is another program's.
    (( ${words[(i)--]} < CURRENT )) && { _files; return }
    found=(${(f)"$(_tenfold_words "$command" "$before")"})
    if (( $#found )); then compadd -- $found; else _files; fi
}

compdef _tenfold cargo
