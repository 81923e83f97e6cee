//! Readable lines of YAML.

/// The maximum length of a line.
const COLUMNS_MAX: usize = 120;

/// `# Why.` in lines of their own, indented by so many spaces; nothing for an empty reason.
pub(crate) fn comment(indent: usize, why: &str) -> String {
    let mut lines = String::new();
    for line in wrap(why, COLUMNS_MAX - indent - 2) {
        lines += &format!("{:indent$}# {line}\n", "");
    }
    lines
}

/// ` # why` after a value; nothing for an empty reason.
pub(crate) fn remark(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(" # {why}") }
}

/// `key: [a, b]` on one line where it fits, else an item a line.
pub(crate) fn list(indent: usize, key: &str, items: &[String]) -> String {
    let line = format!("{:indent$}{key}: [{}]\n", "", items.join(", "));
    if line.chars().count() <= COLUMNS_MAX {
        return line;
    }
    let items = items.iter().map(|item| format!("{:indent$}  - {item}\n", ""));
    items.fold(format!("{:indent$}{key}:\n", ""), |text, item| text + &item)
}

/// A text of several lines, folded.
pub(crate) fn folded(indent: usize, key: &str, text: &str) -> String {
    let lines = wrap(text, COLUMNS_MAX - indent - 2);
    lines.iter().fold(format!("{:indent$}{key}: >-\n", ""), |text, line| text + &format!("{:indent$}  {line}\n", ""))
}

/// A text of one line, quoted where YAML would read something else.
pub(crate) fn plain(text: &str) -> String {
    let is_plain = !text.contains(": ") && !text.contains(" #") && !text.starts_with(['"', '\'', '[', '{', '*', '!']);
    if is_plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\\\"")) }
}

fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
