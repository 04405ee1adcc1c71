// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import TerminalText

/// The whole terminal, for a picture that changes; what was there comes back afterwards.
struct FullScreen {
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"
    private static let home = "\u{1B}[H"
    private static let clearLine = "\u{1B}[K"
    private static let clearRest = "\u{1B}[J"

    private let signals: StopSignals
    private let before: termios?

    /// - Throws: ``SystemCallError``.
    init() throws {
        // Ctrl-C must not end the program before the terminal is as it was.
        signals = try StopSignals()
        var settings = termios()
        if tcgetattr(STDIN_FILENO, &settings) == 0 {
            before = settings
            // Keys arrive one by one and are not shown; VMIN and VTIME of 0: reading does not wait.
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
            withUnsafeMutableBytes(of: &settings.c_cc) { characters in
                characters[Int(VMIN)] = 0
                characters[Int(VTIME)] = 0
            }
            tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        } else {
            before = nil
        }
        try Terminal.control(Self.enter)
    }

    /// Shows a picture in place of the last one; what is too wide or too high is cut.
    ///
    /// - Throws: ``SystemCallError``.
    func draw(_ picture: String) throws(SystemCallError) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 && size.ws_col > 0
        let (rows, columns) = isKnown ? (Int(size.ws_row), Int(size.ws_col)) : (24, 80)
        let lines = picture.split(separator: "\n", omittingEmptySubsequences: false).prefix(rows)
        let text = lines.map { String($0.prefix(columns)).escapedForTerminal() + Self.clearLine }
        try Terminal.control(Self.home + text.joined(separator: "\r\n") + Self.clearRest)
    }

    /// Waits, at most so long, for somebody to quit; whether anybody did.
    ///
    /// - Throws: ``SystemCallError``.
    func isLeft(within limit: Duration) throws(SystemCallError) -> Bool {
        let deadline = MonotonicTime.now() + limit
        while MonotonicTime.now() < deadline {
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if before != nil, poll(&input, 1, 0) > 0 {
                var key: UInt8 = 0
                // A terminal that is gone reads as its end.
                guard read(STDIN_FILENO, &key, 1) > 0, key != UInt8(ascii: "q") else { return true }
            }
            if signals.arrived(within: .milliseconds(50)) { return true }
        }
        return false
    }

    /// Gives the terminal back.
    func restore() {
        try? Terminal.control(Self.leave)
        if var before { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
    }
}
