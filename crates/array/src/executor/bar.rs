//! A bar on the terminal.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What of 40 columns is done, how many of how many, and the time it took and that is left.
const TEMPLATE: &str = "{bar:40} {percent:>3}% {human_pos}/{human_len} {msg} {elapsed} < {eta}";

/// How often it is drawn at most, in a second.
const RATE: u8 = 10;

/// How much is done, drawn at most so often. It is gone when it is dropped.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar on stderr, if that is a terminal.
    pub(super) fn on_terminal(total: usize, what: &'static str) -> Option<Self> {
        let is_terminal = stderr().is_terminal();
        is_terminal.then(|| Self::on(ProgressDrawTarget::stderr_with_hz(RATE), total, what))
    }

    fn on(target: ProgressDrawTarget, total: usize, what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total as u64), target).with_message(what);
        match ProgressStyle::with_template(TEMPLATE) {
            Ok(style) => Self(bar.with_style(style.progress_chars("##-"))),
            Err(_) => Self(bar),
        }
    }

    /// So many are done.
    pub(super) fn show(&self, finished: usize) {
        self.0.set_position(finished as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal of one line.
    #[derive(Debug, Clone, Default)]
    struct Line(Arc<Mutex<(String, usize)>>);

    impl TermLike for Line {
        fn width(&self) -> u16 {
            100
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            let mut line = self.0.lock().unwrap();
            line.0.push_str(text);
            line.1 += usize::from(text.contains("chunks"));
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().0.clear();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_shows_what_is_done_and_leaves_nothing() {
        let line = Line::default();
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(line.clone()), 200);
        let bar = Bar::on(target, 1000, "chunks");
        bar.show(250);
        let shown = line.0.lock().unwrap().0.clone();
        assert!(shown.contains("250/1,000 chunks") && shown.contains("25%"), "{shown:?}");
        drop(bar);
        let (left, drawn) = line.0.lock().unwrap().clone();
        assert!(left.trim().is_empty(), "{left:?}");
        assert!(drawn >= 1);
    }
}
