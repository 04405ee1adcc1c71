// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API

/// What a request, and the connection that it comes on, may be at most: bytes and times.
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

    /// From the start of a connection to the first byte.
    static let firstByteTime = Duration.seconds(10)
    /// From the first byte of a request to the end of its header.
    static let headerTime = Duration.seconds(10)
    /// From there to the end of its body, however steadily it comes.
    static let bodyTime = Duration.seconds(15)
    /// From an answer to the moment when the client has taken it.
    static let writeTime = Duration.seconds(15)
    /// For how long a request of a client that has closed its side is worked on.
    ///
    /// Most of those that do so have gone away; one that waits for its answer can still be served by quick work.
    static let patienceWithHalfClosed = Duration.seconds(1)
    /// Between two requests.
    ///
    /// Longer than the proxy's, so that the proxy closes first and no request meets a closed connection.
    static let idleTime = Duration.seconds(75)
    /// How long an idle connection is kept in any case, for a request that may be on its way (nginx:
    /// `keepalive_min_timeout`).
    static let minimumIdleTime = Duration.seconds(2)

    /// After so many requests or so long a life, a connection ends with an answer that says so.
    ///
    /// A proxy then opens a new one, which may reach another worker or host: without an end, its connections would stay
    /// where they were opened first.
    static let connectionRequests = 900...1000
    static let connectionAge = Duration.seconds(540)...Duration.seconds(660)
}
