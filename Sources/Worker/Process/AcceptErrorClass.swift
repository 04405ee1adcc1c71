// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What an error of `accept` means to whoever accepts (accept(2), "Error handling").
package enum AcceptErrorClass: Hashable, Sendable {
    /// Nobody came while it waited.
    case timeout
    /// This connection failed, or a signal came between; the next one may be well.
    case transient
    /// The process or the system has no descriptor or memory left: trying again at once would only spin.
    case exhausted
    /// The listener itself is of no use any more.
    case fatal

    /// The class of an `errno` of `accept4`.
    package init(errno code: Int32) {
        switch code {
        case EAGAIN: self = .timeout
        case EINTR, ECONNABORTED, EPERM, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET:
            self = .transient
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: self = .exhausted
        default: self = .fatal
        }
    }
}
