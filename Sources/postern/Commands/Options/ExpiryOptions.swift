// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models

/// When a key ends.
struct ExpiryOptions: ParsableArguments {
    /// Beyond that, instants are no RFC 3339 times any more some day.
    private static let maximum = Duration.seconds(36_525 * 86_400)

    @Option(help: ArgumentHelp("End after this time, such as 90d.", valueName: "duration"), transform: Self.duration)
    var expiresIn: Duration?

    @Option(
        help: ArgumentHelp("End at this time, such as 2030-01-31T09:00:00Z.", valueName: "time"),
        transform: Timestamp.argument
    )
    var expiresAt: Timestamp?

    @Flag(name: .customLong("no-expiry"), help: "Never end.")
    var neverExpires = false

    /// Whether anything was said.
    var isGiven: Bool { expiresIn != nil || expiresAt != nil || neverExpires }

    func validate() throws {
        let given = [expiresIn != nil, expiresAt != nil, neverExpires].filter(\.self)
        guard given.count <= 1 else {
            throw ValidationError("Only one of --expires-in, --expires-at and --no-expiry can be given.")
        }
    }

    /// What was said, seen from `now`.
    func change(at now: Timestamp) -> Change<Timestamp?> {
        if neverExpires { return .set(nil) }
        guard let end = expiresAt ?? expiresIn.map({ now + $0 }) else { return .keep }
        return .set(end)
    }

    private static func duration(_ text: String) throws -> Duration {
        let duration = try Duration.argument(text)
        guard duration > .zero, duration <= maximum else {
            throw ValidationError("'\(text)' is not within 1s and 36525d.")
        }
        return duration
    }
}
