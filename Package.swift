// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// The layers of Postern are targets, so that the compiler keeps them: a target can import only what stands in its
/// list here. `scripts/check-imports` keeps this table and the imports the same.

let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// The executable holds Swift's runtime: docs/decisions/0011-swift-in-the-executable.md.
let withSwiftItself: [LinkerSetting] = [
    .unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release)),
    // What FoundationEssentials consists of.
    .linkedLibrary("_FoundationCShims", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCollections", .when(platforms: [.linux], configuration: .release)),
]

func layer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "postern",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "postern", targets: ["postern"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CLinux"),

        layer("Core", [logging]),
        layer("Cryptography", ["CCrypto", "Core"]),
        layer("Models", ["Core"]),
        layer("Database", ["CPostgres", "CLinux", "Core", logging]),
        layer("Migrations", ["Database", "Core"]),
        layer("Repositories", ["Database", "Models", "Core"]),
        layer("Outbound", ["CCurl", "Core"]),
        layer("Providers", ["Outbound", "Models", "Cryptography", "Core"]),
        layer("Services", ["Models", "Cryptography", "Core", logging]),
        layer("Schemas", ["Models", "Core"]),
        layer(
            "API",
            [
                "Services", "Schemas", "Models", "Cryptography", "Core", httpTypes, logging, nioCore, nioHTTP1,
            ]
        ),
        layer("TerminalText", ["Core"]),
        layer("SharedMemory", ["Core", "CLinux"]),
        layer("Supervisor", ["SharedMemory", "Core", "CLinux", logging]),
        layer(
            "Worker",
            [
                "API", "Services", "Models", "Repositories", "Database", "Migrations", "Providers", "Outbound",
                "Cryptography", "SharedMemory", "Core", "CLinux", httpTypes, logging, nioCore, nioPosix, nioHTTP1,
            ]
        ),
        .executableTarget(
            name: "postern",
            dependencies: [
                "Supervisor", "Worker", "SharedMemory", "Services", "Schemas", "Migrations", "Database", "Models",
                "TerminalText", "Core",
                argumentParser, logging,
            ],
            swiftSettings: settings,
            linkerSettings: withSwiftItself
        ),

        tests("CoreTests", ["Core", logging]),
        tests("CryptographyTests", ["Cryptography", "Core"]),
        tests("DatabaseTests", ["Database", "Core"]),
        tests("MigrationsTests", ["Migrations", "Core"]),
        tests("ModelsTests", ["Models", "Core"]),
        tests("OutboundTests", ["Outbound", "Core"]),
        tests("ProvidersTests", ["Providers", "Outbound", "Models", "Cryptography", "Core"]),
        tests("SchemasTests", ["Schemas", "Models", "Core"]),
        tests("ServicesTests", ["Services", "Models", "Cryptography", "Core", logging]),
        tests(
            "WorkerTests",
            ["Worker", "API", "SharedMemory", "Models", "Core", httpTypes, nioCore, nioEmbedded]
        ),
        tests("SharedMemoryTests", ["SharedMemory", "Core"]),
        tests("SupervisorTests", ["Supervisor", "Core", logging]),
        tests("TerminalTextTests", ["TerminalText"]),
        tests(
            "IntegrationTests",
            [
                "Database", "Migrations", "Repositories", "Outbound", "Supervisor", "Worker", "Models", "Core",
                "CLinux",
                logging,
            ]
        ),
    ]
)
