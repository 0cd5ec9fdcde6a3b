"""The scripts that connect TAB in bash, zsh and fish to `completion`: click's, where they need a change."""

from typing import Any

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)


class _WholeWords(ShellComplete):
    """Answers `--region=us` with `--region=us-east-1`: shells compare an answer with the whole word."""

    # The annotation is quoted: at run time this class takes no parameter in click 8.2 and 8.3.
    def get_completions(self, args: list[str], incomplete: str) -> "list[CompletionItem[Any]]":
        option, equals, _ = incomplete.partition("=")
        found = super().get_completions(args, incomplete)
        if equals and option.startswith("--"):
            for item in found:
                item.value = f"{option}={item.value}"
        return found


class _Bash(_WholeWords, BashComplete):
    """click's, for words with : = @ in them too, at which bash divides a word; no space is added after KEY=."""

    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n' line=$COMP_LINE word type value i
    local -a words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ i -eq 0 || $line == [[:space:]]* ]]; then
            words+=("$word")
        else
            words[-1]+=$word
        fi
        line=${line#"${line%%%%[![:space:]]*}"}
        line=${line#"$word"}
    done
    local divided=${words[-1]%%"$2"}
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("${value#"$divided"}")
                if [[ $value == *= ]]; then compopt -o nospace; fi
                ;;
        esac
    done < <(env COMP_WORDS="${words[*]}" COMP_CWORD=$((${#words[@]} - 1)) %(complete_var)s=bash_complete "$1")
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _Zsh(_WholeWords, ZshComplete):
    """click's, but no space is added after KEY=, and zsh quotes what it inserts."""

    source_template = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a response described plain unfinished
    local type value help
    (( $+commands[%(prog_name)s] )) || return 1
    response=("${(@f)$(env COMP_WORDS="${(F)words}" COMP_CWORD=$((CURRENT-1)) \
%(complete_var)s=zsh_complete %(prog_name)s)}")
    for type value help in "${(@)response}"; do
        if [[ $type == dir ]]; then
            _path_files -/
        elif [[ $type == file ]]; then
            _path_files -f
        elif [[ $value == *= ]]; then
            unfinished+=("$value")
        elif [[ $help == _ ]]; then
            plain+=("$value")
        elif [[ $type == plain ]]; then
            described+=("$value:$help")
        fi
    done
    if (( $#described )); then _describe -V unsorted described; fi
    if (( $#unfinished )); then compadd -S '' -a unfinished; fi
    if (( $#plain )); then compadd -a plain; fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


class _Fish(_WholeWords, FishComplete):
    """click's; fish itself adds no space after KEY=."""


def use() -> None:
    """Have click take these scripts in place of its own."""
    for one in (_Bash, _Zsh, _Fish):
        add_completion_class(one)
