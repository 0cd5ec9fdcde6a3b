"""Which words and options are before a secret, and how a token begins: parts of regular expressions. Pure.

Labels are for `re.IGNORECASE` and text in NFKC; options and beginnings are written in one way only.
"""

# What names a password in the languages that tools are translated to; a value behind it is one whatever it looks like.
PASSWORDS = (
    r"passwor[dt]|passwd|passphrase|passcode|pwd|(?:ssh|store|key)pass\b"
    r"|kennwort|zugangscode"  # German
    r"|contrase[nñ]a|\bclave\b|contrasenya"  # Spanish, Catalan
    r"|mots?[-_ ]?de[-_ ]?passe|\bmdp\b"  # French
    r"|\bsenha|palavra[-_ ]?(?:passe|chave)"  # Portuguese
    r"|\bparol[aăeė]?\b|parola[-_ ]d.ordine"  # Italian, Romanian, Turkish, Latvian
    r"|wachtwoord|l[oö]senord|adgangskode|passord|salasana|lykilor[dð]"  # Dutch, Nordic
    r"|\bhas[lł]o\b|\bheslo\b|\bgeslo\b|lozink[ae]|jelsz[oó]"  # Polish, Czech, Slovenian, Croatian, Hungarian
    r"|\b[sş]ifre|κωδικός|συνθηματικό"  # Turkish, Greek
    r"|парол\w{0,3}(?: (?:пользователя|користувача))?|лозинк\w"  # Russian, Ukrainian, Bulgarian, Serbian
    r"|密[码碼]|口令|パスワード|パスフレーズ|暗証番号|비밀번호|암호"  # Chinese, Japanese, Korean
    r"|mật[-_ ]?khẩu|kata[-_ ]?sandi|รหัสผ่าน|पासवर्ड"  # Vietnamese, Indonesian, Thai, Hindi
    r"|كلمة[-_ ]?(?:المرور|السر)|رمز[-_ ]?عبور|گذرواژه|סיסמ[אה]"  # Arabic, Persian, Hebrew
)
# The same for other secrets, behind which a plain word is one of a sentence.
_OTHER = (
    r"(?:\b|_)pass\b|\bpw\b|(?:cli|basic|http|proxy|db)_auth\b|token|authorization|cookie"
    r"|private[-_. ]?key|api[-_. ]?key|access[-_. ]?key(?![-_. ]?id)|client[-_. ]?assertion"
    r"|geheimnis|geheimer?[-_ ]schlüssel|clé[-_ ](?:secrète|privée)|\bsecreto|segredo|секрет|токен"
    r"|トークン|令牌|토큰|\bjeton|秘[密钥鑰]|私[钥鑰]|シークレット|秘密鍵|비밀[-_ ]?키"
)
LABELS = rf"secret|{PASSWORDS}|{_OTHER}"
CERTAIN = rf"secret|{PASSWORDS}"
# Between the label and whose it is: "Password for david", "mot de passe de david".
WHOSE = r"for|of|für|von|de|du|del|do|da|di|para|pour|per|voor|för|till|dla|для"
# "… is …", with and without a blank before it.
IS = r"\b(?:is|was|ist|war|lautet|est|es|era|é|è|är|jest|to(?=:))\b"
IS_JOINED = r"是|为|為|は|[은는이가](?=\s)"

# How tokens begin that are not long enough to be found as a run: Slack, GitHub, GitLab, Stripe, Vault and others.
TOKENS = (
    r"(?<![A-Za-z0-9])(?:xox[a-z](?:\.xox[a-z])?-|xapp-|gh[opusr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|ft|imt|soat)-"
    r"|[sr]k_(?:live|test)_|whsec_|sk-(?:proj|ant|svcacct)-|pypi-|hv[sbr]\.|do[opr]_v1_|shp[a-z]{2}_|SG\.(?=[\w-]{16})"
    r"|AIza|ya29\.|AGE-SECRET-KEY-1)(?=[\w.=-]{0,64}?[0-9])[\w.=-]{4,}"
)
# Options whose value is a user and a password: `curl -u`, `http -a`, `smbclient -U`. A number is the id of a user.
USER_OPTION = (
    r"(?<![\w-])(?:-[A-Za-z]{0,8}[uU][ =]|-[uU]|--(?:proxy-)?(?:user|auth|creds?|credentials?|login)[ =])"
    r"|\bhttps? [^|;&]{0,200}?(?<= )-a[ =]?"
)
# Programs with a short option for a password: with a blank before it or not, or as one word only.
SHORT_OPTION = (
    r"\bsshpass\b[^|;&]{0,64}?\s-p[ =]?|\b(?:mysql|mariadb)[\w-]{0,16}\b[^|;&]{0,200}?\s-p(?=[^\s=])"
    r"|\b7z[ar]?\b[^|;&]{0,200}?\s-p(?=\S)|\b(?:un)?zip\b[^|;&]{0,200}?\s-P[ =]?"
    r"|\b(?:docker|podman|buildah|skopeo|helm|oras|oc|az)\b[^|;&]{0,64}? login\b[^|;&]{0,200}?\s-p[ =]?"
    r"|\bmongo\w{0,8}\b[^|;&]{0,200}?\s-p[ =]?"
    r"|\b(?:redis-cli|valkey-cli)\b[^|;&]{0,200}?\s-a[ =]?|\b(?:sqlcmd|bcp)\b[^|;&]{0,200}?\s-P[ =]?"
    r"|\bldap[a-z]{3,8}\b[^|;&]{0,200}?\s-w[ =]?|-pass(?:in|out)? pass:"
)
