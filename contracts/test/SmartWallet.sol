// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A wallet that is a contract (ERC-1271): its owner's signature with a marker byte behind it is its own.
contract SmartWallet {
    address public immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) public view virtual returns (bytes4) {
        if (signature.length != 66) return 0xffffffff;
        (bytes32 r, bytes32 s) = (bytes32(signature[0:32]), bytes32(signature[32:64]));
        return ecrecover(digest, uint8(signature[64]), r, s) == owner ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}

/// @title A wallet that answers as suits it: not when gas is paid for, never, or without end.
contract FickleWallet is SmartWallet {
    enum Mood {
        Honest,
        NotWhenPaid,
        Burns,
        Never
    }

    Mood public mood;

    constructor(address owner_) SmartWallet(owner_) {}

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) public view override returns (bytes4) {
        if (mood == Mood.NotWhenPaid && tx.gasprice > 0) return 0xffffffff;
        if (mood == Mood.Never) return 0xffffffff;
        while (mood == Mood.Burns) {}
        return super.isValidSignature(digest, signature);
    }
}
