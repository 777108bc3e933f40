
_tenfold() {
    local command= before=$words[CURRENT-1] text
    local -i is_word_only
    if (( CURRENT < 3 )) || [[ $words[2] != xtask ]]; then
        (( CURRENT == 2 )) && compadd -- xtask
        (( $+functions[_cargo] )) && _cargo "$@"
        return
    fi
    (( CURRENT > 3 )) && command=$words[3]
    # What stands behind `--` is another program's.
    (( ${words[(i)--]} < CURRENT )) && { _files; return }
    text=$(_tenfold_words "$command" "$before")
    is_word_only=$?
    compadd -- ${(f)text} || { (( ! is_word_only )) && _files }
}

compdef _tenfold cargo
