//! What a password must be: long and not easily guessed. There are no rules
//! about signs and digits, for they make passwords worse (OWASP ASVS 5.0,
//! 6.2.5).

/// The least length in characters: the standard's 8 are too few for accounts
/// that see citizens' data, and sentences of its 15 are more than many type.
pub const MIN: u64 = 12;
/// The greatest length in bytes: no sentence is longer, and hashing takes
/// time with the length.
pub const MAX: usize = 512;

/// Passwords and beginnings of passwords of twelve characters or more that
/// everybody tries first: what stands on the lists of leaked ones, on the
/// keyboard, and in the name of this platform.
const COMMON: &[&str] = &[
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "qazwsxedcrfv",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "iloveyou",
    "administrator",
    "admin",
    "letmein",
    "welcome",
    "changeme",
    "changeit",
    "woaini",
    "5201314",
    "1314520",
    "wenzheng",
    "yinzhou",
    "ningbo",
    "81812345",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "superman",
    "michael",
    "trustno1",
    "whatever",
    "starwars",
    "computer",
    "internet",
    "secret",
    "default",
    "temporary",
    "zhejiang",
    "huanying",
    "mima",
    "密码",
    "鄞州",
    "宁波",
    "问政",
];

/// Whether `password` is good enough for account `id`.
pub fn good(password: &str, id: &str) -> bool {
    password.chars().count() as u64 >= MIN
        && password.len() <= MAX
        && !guessable(&password.to_lowercase(), id)
}

fn guessable(password: &str, id: &str) -> bool {
    let letters: Vec<char> = password.chars().collect();
    // A known word makes a password only together with at least as much else.
    let rest = |word: &str| {
        let left: Vec<char> = password
            .replace(word, "")
            .chars()
            .filter(|letter| letter.is_alphabetic())
            .collect();
        left.len() < 4
    };
    COMMON
        .iter()
        .any(|word| password.contains(word) && rest(word))
        || (id.chars().count() >= 4 && password.contains(id) && rest(id))
        || repeats(&letters)
        || runs(&letters)
}

/// The same few characters over and over.
fn repeats(letters: &[char]) -> bool {
    (1..=letters.len() / 2)
        .any(|period| letters.iter().zip(&letters[period..]).all(|(a, b)| a == b))
}

/// Up or down the alphabet or the digits for most of its length.
fn runs(letters: &[char]) -> bool {
    let steps = letters.windows(2).filter(|pair| {
        let step = i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
        step.abs() <= 1 || (pair[0] == '9' && pair[1] == '0')
    });
    steps.count() * 4 >= (letters.len() - 1) * 3
}

#[cfg(test)]
mod tests {
    use super::good;

    #[test]
    fn sentences_are_good() {
        for password in [
            "correct horse battery",
            "老王家的猫三点半在屋顶上打呼噜",
            "long enough 17e3f02a9b",
            "kT9-xw2-Lm4-qq",
        ] {
            assert!(good(password, "li-si"), "{password}");
        }
    }

    #[test]
    fn what_everybody_tries_is_not() {
        let long = "x1y2".repeat(200);
        for password in [
            "",
            "short",
            "elevenchars",
            "password1234",
            "PassWord2026!",
            "123456789012",
            "abcdefghijkl",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "abcdefabcdef",
            "li-si-li-si1",
            "li-si2026!!!",
            "wenzheng2026",
            "qwertyuiop12",
            "987654321098",
            &long,
        ] {
            assert!(!good(password, "li-si"), "{password}");
        }
    }
}
