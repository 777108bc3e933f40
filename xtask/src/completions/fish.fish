
function _tenfold_is
    set -l typed (commandline -opc)
    test (count $typed) -ge 2; and test "$typed[2]" = xtask; and not contains -- -- $typed
end

function _tenfold_now
    set -l typed (commandline -opc)
    set -l command ''
    test (count $typed) -gt 2; and set command $typed[3]
    _tenfold_words "$command" "$typed[-1]"
end

complete -c cargo -n 'test (count (commandline -opc)) -eq 1' -a xtask -d "this repository's commands"
complete -c cargo -n _tenfold_is -f -a '(_tenfold_now)'
complete -c cargo -n '_tenfold_is; and _tenfold_now > /dev/null' -F
