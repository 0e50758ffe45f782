# golang-wsl: this shell uses the data directory of the Linux that it runs on.
#
# For fish from 3.6 on. It starts no process, except where the kernel's name leaves
# open what it is. Even the output of a builtin, taken with (), costs fish a thread:
# what is matched goes into variables by the names in the expressions instead. All
# variables are local to the block. hook.bash does the same for other shells.
if test -n "$HOME"
    set -l wsl1 "$HOME/.asdf-wsl1"
    set -l wsl2 "$HOME/.asdf-wsl2"
    set -l native "$HOME/.asdf"
    test -n "$GOLANG_WSL_WSL1_DATA_DIR"; and set wsl1 "$GOLANG_WSL_WSL1_DATA_DIR"
    test -n "$GOLANG_WSL_WSL2_DATA_DIR"; and set wsl2 "$GOLANG_WSL_WSL2_DATA_DIR"
    if test -n "$GOLANG_WSL_NATIVE_DATA_DIR"
        set native "$GOLANG_WSL_NATIVE_DATA_DIR"
    else if test -n "$ASDF_DATA_DIR"; and not contains -- "$ASDF_DATA_DIR" "$wsl1" "$wsl2"
        set native "$ASDF_DATA_DIR" # not inherited from a shell of the other kinds
    end
    set -l cache "$HOME/.cache"
    test -n "$XDG_CACHE_HOME"; and set cache "$XDG_CACHE_HOME"
    set -l share "$HOME/.local/share"
    test -n "$XDG_DATA_HOME"; and set share "$XDG_DATA_HOME"

    # What init was told comes first: a kernel of one's own has any name. Android on
    # Windows is started as WSL2 is, and what Linux is told by EFI may have the same
    # words, but elsewhere in the line.
    set -l dir
    set -l entry
    set -l kind native
    set -l line
    set -l name
    test -r /proc/cmdline; and read line </proc/cmdline
    test -r /proc/sys/kernel/osrelease; and read name </proc/sys/kernel/osrelease
    if string match -qr '^BOOT_IMAGE=/kernel init=/init( r[ow])?$' -- "$line"
        set kind wsl1
    else if string match -qr '^(?!.*androidboot\.)initrd=\\\\initrd\.img (WSLC?_ROOT_INIT=1 )?panic=-1( |$)' -- "$line"
        set kind wsl2
    else if string match -qr 'WSL2|^4\.19\.[0-9]+-microsoft-standard\+?$' -- "$name"
        set kind wsl2
    else if string match -qr '^[34]\.4\.0(-[0-9]+)?-Microsoft$' -- "$name"
        set kind wsl1
    else if string match -qr '(?i)microsoft|wsl|^3\.4\.0(\+$|-)' -- "$name"
        # Ask the helper, once per boot. The name is kept with the answer, for what
        # shares a home and a boot, but shows another kernel.
        set -l boot
        set -l was
        set -l answer
        set -l of
        test -r /proc/sys/kernel/random/boot_id; and read boot </proc/sys/kernel/random/boot_id
        test -r "$cache/golang-wsl/kind"; and read --delimiter ' ' was answer of <"$cache/golang-wsl/kind"
        if test -z "$boot" -o "$was" != "$boot" -o "$of" != "$name"
            set was
            set answer
            for dir in $wsl1 $wsl2 $native
                set -l helper "$dir/golang-wsl/bin/golang-wsl"
                if test -f "$helper" -a -x "$helper"
                    set answer ($helper detect --kind </dev/null 2>/dev/null); or set answer
                    break
                end
            end
        end
        if contains -- "$answer" wsl1 wsl2 native
            set kind $answer
            if test -z "$was" -a -n "$boot"; and mkdir -p "$cache/golang-wsl" 2>/dev/null
                test -w "$cache/golang-wsl"; and echo "$boot $kind $name" >"$cache/golang-wsl/kind"
            end
        end
    end
    set -gx ASDF_DATA_DIR $$kind

    set -l kept $PATH
    if string match -q -- '*/shims' $PATH; or string match -q -- '*/golang-wsl/bin' $PATH
        set -l gone
        for dir in $wsl1 $wsl2 $native "$HOME/.asdf"
            if test $kind != native -o "$dir" != "$HOME/.asdf" -o "$dir" = "$native"
                set gone $gone "$dir/golang-wsl/bin" "$dir/shims"
            end
        end
        set kept
        for entry in $PATH
            contains -- "$entry" $gone; or set kept $kept "$entry"
        end
    end
    set -gx PATH "$ASDF_DATA_DIR/golang-wsl/bin" "$ASDF_DATA_DIR/shims" $kept

    # mise keeps what exec-env said in its cache, by version: a cache that both kinds
    # use would give one the GOROOT of the other.
    set -l words
    set -l word
    set -l rest
    test -n "$MISE_ENV"; and set rest "$MISE_ENV,"
    while string match -qr '^(?<word>[^,]*),(?<rest>(?s:.*))$' -- "$rest"
        contains -- "$word" wsl1 wsl2; or set words "$words,$word"
    end
    if test $kind != native
        set -gx MISE_DATA_DIR "$share/mise-$kind"
        set -gx MISE_CACHE_DIR "$cache/mise-$kind"
        string match -qr '^,(?<words>(?s:.*))$' -- "$words,$kind"
        set -gx MISE_ENV "$words"
    else
        contains -- "$MISE_DATA_DIR" "$share/mise-wsl1" "$share/mise-wsl2"; and set -eg MISE_DATA_DIR
        contains -- "$MISE_CACHE_DIR" "$cache/mise-wsl1" "$cache/mise-wsl2"; and set -eg MISE_CACHE_DIR
        if not string match -qr '(^|,)wsl[12](,|$)' -- "$MISE_ENV"
        else if string match -qr '^,(?<words>(?s:.*))$' -- "$words"
            set -gx MISE_ENV "$words"
        else
            set -eg MISE_ENV
        end
    end

    # Say so where "asdf set -u", called past the function below, wrote a version into
    # the file that all kinds read. asdf takes the first line of a plugin's name.
    if status is-interactive; and test -z "$GOLANG_WSL_WARNED"
        set -l file .tool-versions
        test -n "$ASDF_DEFAULT_TOOL_VERSIONS_FILENAME"; and set file "$ASDF_DEFAULT_TOOL_VERSIONS_FILENAME"
        test -n "$ASDF_TOOL_VERSIONS_FILENAME"; and set file "$ASDF_TOOL_VERSIONS_FILENAME"
        set -l plugin
        set line
        test -r "$ASDF_DATA_DIR/golang-wsl/plugin"; and read line <"$ASDF_DATA_DIR/golang-wsl/plugin"
        string match -qr '^\s*(?<plugin>\S+)' -- "$line"; or set plugin golang-wsl
        set -l tool
        set -l seen
        if test -d "$ASDF_DATA_DIR/installs/$plugin/default" -a -f "$HOME/$file" -a -r "$HOME/$file"
            # A file as long as a book is none for people.
            while not set -q seen[200]; and test "$tool" != "$plugin"; and read line
                set seen $seen x
                string match -qr '^\s*(?<tool>\S+)' -- "$line"
            end <"$HOME/$file"
        end
        set -l word
        if test "$tool" = "$plugin"
            and string match -qr '^\s*\S+\s+(?<word>[A-Za-z0-9._:/+~-]+)\s*(\s\S.*|#.*)?$' -- "$line"
            and test "$word" != default
            set -gx GOLANG_WSL_WARNED 1
            echo "golang-wsl: ~/$file says \"$plugin $word\" for every kind of Linux; to make that the default of this kind only: golang-wsl default $word" >&2
        end
    end

    # "asdf shell" is what asdf lost in 0.16. "asdf global P V", and "asdf set P V" with
    # -u or --home, make V the default of this kind of Linux where P is this plugin:
    # asdf would write it into the file that all kinds read.
    function asdf
        set -l plugin "$argv[2]"
        set -l wanted "$argv[3]"
        set -l place
        switch "$argv[1]"
            case global set
                set -l words
                set -l home
                set -l other
                test $argv[1] = global; and set home yes
                for word in $argv
                    switch "$word"
                        case --home -u
                            set home yes
                        case '-*'
                            set other yes # whatever that means, it is for asdf
                        case '*'
                            set words $words "$word"
                    end
                end
                set place "$ASDF_DATA_DIR/plugins/$words[2]/lib/commands/command-default"
                if test -n "$home" -a -z "$other" -a -f "$place" -a -x "$place"; and set -q words[3]
                    $place $words[3..]
                else
                    command asdf $argv
                end
                return
            case shell
            case '*'
                command asdf $argv
                return
        end

        set -l installs "$ASDF_DATA_DIR/installs/$plugin"
        set -l of
        # An alias may be called latest.
        if not test -d "$installs/$wanted"; and string match -qr '^latest(:(?<of>.*))?$' -- "$wanted"
            set wanted (command asdf latest $plugin $of); or return
        end
        switch "$wanted"
            case --unset system
                set place /
            case 'path:*'
                set place (string sub -s 6 -- "$wanted")
            case '' . .. '*/*'
                set place
            case 'ref:*'
                set place "$installs/ref-"(string sub -s 5 -- "$wanted")
            case '*'
                set place "$installs/$wanted"
        end
        if test (count $argv) -ne 3 -o ! -d "$place"; or not string match -qr '^[a-z0-9_-]+$' -- "$plugin"
            echo "golang-wsl: asdf shell NAME VERSION|--unset: $plugin $wanted is not installed here" >&2
            return 1
        end
        # In Turkish the large letter of i is another one.
        set -l name ASDF_(string upper -- $plugin | string replace -a İ I | string replace -a -- - _)_VERSION
        if test $wanted = --unset
            set -eg $name
            return 0
        end
        set -gx $name $wanted
    end
end
