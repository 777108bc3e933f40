
function _tenfold_is
    set -l typed (commandline -opc)
    test (count $typed) -ge 2; and test "$typed[2]" = xtask; and not contains -- -- $typed
end

function _tenfold_now
    set -l typed (commandline -opc)
    set -l command ''
    test (count $typed) -gt 2; and set command $typed[3]
    set -l found (_tenfold_words "$command" "$typed[-1]")
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end

complete -c cargo -n 'test (count (commandline -opc)) -eq 1' -a xtask -d "this repository's commands"
complete -c cargo -n _tenfold_is -f -a '(_tenfold_now)'
