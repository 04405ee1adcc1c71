// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What supervisor and worker say to each other: one datagram of ``size`` bytes on a `SOCK_SEQPACKET` pair.
///
/// An unknown kind is ignored by the receiver, so that a supervisor and a worker of different releases get along.
package enum ControlMessage: Hashable, Sendable {
    /// Worker to supervisor: it accepts connections. `isDegraded` when the database could not be reached yet.
    case ready(isDegraded: Bool)
    /// Worker to supervisor: the last answer of a drain is out.
    case drained
    /// Supervisor to worker: stop accepting, finish what runs within `deadline`, exit 0.
    case drain(deadline: Duration)
    /// Supervisor to worker: open the log file again, which was moved away.
    case reopenLogs

    /// Bytes of every message.
    package static let size = 64

    /// The message as it travels: kind, three reserved bytes, a 64-bit little-endian argument at offset 8.
    package var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        let argument: Int64
        switch self {
        case .ready(let isDegraded): (bytes[0], argument) = (1, isDegraded ? 1 : 0)
        case .drained: (bytes[0], argument) = (2, 0)
        case .drain(let deadline): (bytes[0], argument) = (3, deadline.milliseconds)
        case .reopenLogs: (bytes[0], argument) = (4, 0)
        }
        for index in 0..<8 { bytes[8 + index] = UInt8(truncatingIfNeeded: argument >> (8 * Int64(index))) }
        return bytes
    }

    /// Nil for a message of another size or of an unknown kind.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.size else { return nil }
        let bytes = Array(bytes)
        var argument: Int64 = 0
        for index in 0..<8 { argument |= Int64(bytes[8 + index]) << (8 * Int64(index)) }
        switch bytes[0] {
        case 1: self = .ready(isDegraded: argument != 0)
        case 2: self = .drained
        case 3: self = .drain(deadline: .milliseconds(argument))
        case 4: self = .reopenLogs
        default: return nil
        }
    }
}
