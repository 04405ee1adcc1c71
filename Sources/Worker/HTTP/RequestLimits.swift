// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API

/// What a request may be at most, in bytes.
enum RequestLimits {
    static let target = 8 * 1024
    /// All header fields, or all trailer fields, with the separators.
    static let header = 16 * 1024
    static let fieldCount = 100
    static let body = APIResponder.maximumBodySize

    /// What comes before the end of a header, with all that the parser skips: blanks, empty lines.
    static let headOnTheWire = 2 * header
    /// What comes between the header and the end of the body, with the framing of chunks.
    static let bodyOnTheWire = 8 * body

    /// How much is read from a socket at a time.
    ///
    /// Less than ``target``, so that a target that is too long is noticed before the parser's own limits are.
    static let read = 4 * 1024
}
