// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What the commands would do, and why they would refuse.
extension MigrationPlan {
    /// What `up` applies.
    ///
    /// - Parameter version: The last one; nil for all.
    /// - Returns: the files in the order in which they are applied.
    /// - Throws: ``MigrationError``: ``MigrationError/Code/inconsistent`` or ``MigrationError/Code/unknownVersion``.
    package func filesToApply(to version: String?) throws(MigrationError) -> [MigrationFile] {
        try refuse { _ in true }
        try checkIsKnown(version)
        return pending.filter { $0.version <= version ?? $0.version }
    }

    /// What `down` rolls back.
    ///
    /// - Parameter version: The one that is the newest afterwards, `0000` for none; nil rolls back one file.
    /// - Returns: the files, newest first.
    /// - Throws: ``MigrationError``: ``MigrationError/Code/inconsistent``, ``MigrationError/Code/unknownVersion``, or
    ///   ``MigrationError/Code/irreversible``.
    package func filesToRollBack(to version: String?) throws(MigrationError) -> [MigrationFile] {
        try refuse { problem in
            switch problem {
            // Rolling back is the way out of these.
            case .outOfOrder, .halfRolledBack: false
            case .changed, .missing, .newerThanFolder: true
            }
        }
        if version != Self.nothing { try checkIsKnown(version) }
        let applied = entries.reversed().compactMap { $0.applied == nil ? nil : $0.file }
        let files = version.map { version in applied.filter { $0.version > version } } ?? Array(applied.prefix(1))
        if let file = files.first(where: \.down.isEmpty) {
            throw MigrationError(.irreversible, "\(file.fileName) has no statement after -- migrate:down")
        }
        return files
    }

    /// The files that `baseline` notes as applied: up to `version`, those of which Postern has no record.
    ///
    /// - Throws: ``MigrationError``: ``MigrationError/Code/inconsistent`` or ``MigrationError/Code/unknownVersion``.
    package func filesToRecord(to version: String) throws(MigrationError) -> [MigrationFile] {
        try refuse { problem in
            if case .outOfOrder = problem { false } else { true }
        }
        try checkIsKnown(version)
        // Its index may be there, and invalid.
        if let file = entries.first(where: { $0.applied == nil && $0.unfinished == .up })?.file {
            throw MigrationError(
                .inconsistent,
                "\(file.fileName) has begun and did not end; finish it with postern migrate up"
            )
        }
        return entries.compactMap { $0.version <= version && $0.applied?.record == nil ? $0.file : nil }
    }

    /// The version before the first.
    private static let nothing = "0000"

    private func refuse(_ isInTheWay: (Problem) -> Bool) throws(MigrationError) {
        let reasons = problems.filter(isInTheWay)
        guard reasons.isEmpty else {
            throw MigrationError(.inconsistent, reasons.map(\.description).joined(separator: "\n"))
        }
    }

    private func checkIsKnown(_ version: String?) throws(MigrationError) {
        guard let version, !entries.contains(where: { $0.version == version }) else { return }
        throw MigrationError(.unknownVersion, "there is no migration \(version)")
    }
}
